use super::solution::FileRoute;
use super::*;

const SOLOMON: &str = "\
TINY

VEHICLE
NUMBER     CAPACITY
  25         200

CUSTOMER
CUST NO.   XCOORD.   YCOORD.    DEMAND   READY TIME   DUE DATE   SERVICE TIME

    0          0       0           0       0         230           0
    1          1       1          10     161         171          10
    2          3       4           7      50          60          10
";

const CVRP: &str = "\
NAME : tiny
TYPE : CVRP
DIMENSION : 3
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : 10
NODE_COORD_SECTION
1 0 0
2 1 1
3 3 4
DEMAND_SECTION
1 0
2 4
3 5
DEPOT_SECTION
1
-1
EOF
";

const LI_LIM: &str = "\
25\t200\t1
0\t0\t0\t0\t0\t1000\t0\t0\t0
1\t1\t1\t10\t5\t100\t7\t0\t3
2\t3\t4\t-4\t0\t100\t7\t4\t0
3\t3\t0\t-10\t0\t100\t7\t1\t0
4\t0\t4\t4\t0\t100\t7\t0\t2
";

fn told(text: &str) -> String {
    read(text, "unnamed").expect_err("it is wrong").to_string()
}

#[test]
fn solomon_s_distances_are_cut_after_one_decimal() {
    let instance = read(SOLOMON, "unnamed").expect("an instance");
    assert_eq!(instance.name, "TINY");
    // 1.414 and 5, 3.606.
    assert_eq!(instance.travel[0].distances(), [0, 14, 50, 14, 0, 36, 50, 36, 0]);
    assert_eq!(
        (instance.tasks[0].windows[0].open, instance.tasks[0].windows[0].close),
        (1610, 1710)
    );
    assert_eq!(instance.fleet[0].capacity, [200]);
    assert_eq!(instance.fleet[0].shift.close, 2300);
}

#[test]
fn vrplib_s_distances_are_rounded_and_take_no_time_without_windows() {
    let instance = read(CVRP, "unnamed").expect("an instance");
    assert_eq!(instance.travel[0].distances(), [0, 1, 5, 1, 0, 4, 5, 4, 0]);
    assert_eq!(instance.travel[0].durations(), [0; 9]);
    let loads: Vec<i64> = instance.tasks.iter().map(|task| task.delivery[0]).collect();
    assert_eq!(loads, [4, 5]);
}

#[test]
fn li_and_lim_s_rows_are_pairs_and_their_vehicles_a_limit() {
    let file = InstanceFile::read(LI_LIM, "lc", Assumed::default()).expect("an instance");
    assert_eq!(file.objective, Objective::Vehicles);
    let instance = file.instance;
    let pairs: Vec<(u32, u32)> =
        instance.pairs.iter().map(|pair| (pair.pickup, pair.delivery)).collect();
    assert_eq!(pairs, [(0, 2), (3, 1)]);
    assert_eq!(
        (&instance.tasks[0].pickup[..], &instance.tasks[2].delivery[..]),
        (&[10][..], &[10][..])
    );
    assert_eq!(instance.tasks[0].windows[0].open, 50_000);
    // The root of 2, to the nearest ten-thousandth.
    assert_eq!(instance.travel[0].distance(0, 1), 14_142);
    assert_eq!((instance.fleet[0].count, instance.fleet[0].capacity[0]), (25, 200));
}

#[test]
fn li_and_lim_s_faults_are_told_with_their_lines() {
    for (from, to, expected) in [
        (
            "25\t200\t1",
            "25\t200",
            "line 1: 2 numbers; the first line has 3: vehicles, capacity, speed",
        ),
        ("25\t200", "-1\t200", "line 1: the number of vehicles is -1;"),
        ("7\t0\t2", "7\t0\t3", "line 6: task 3 is not the delivery of task 4"),
        ("7\t4\t0", "7\t3\t0", "line 4: task 3 is not the pickup of task 2"),
        ("7\t4\t0", "7\t0\t0", "line 4: task 2 has neither pickup nor delivery"),
        ("7\t4\t0", "7\t4\t4", "line 4: task 2 has pickup 4 and delivery 4; one of them is 0"),
        ("7\t4\t0", "7\t4294967300\t0", "line 4: the pickup is 4294967300;"),
        ("-10", "-9", "line 3: demands 10 and -9;"),
        ("-10", "--10", "line 5: the demand is \"--10\", not a number"),
        ("5\t100", "inf\t100", "line 3: the earliest time is inf; it must be finite"),
        ("5\t100", "101\t100", "line 3: latest 100 is before earliest 101"),
        ("3\t4\t-4", "3\tNaN\t-4", "line 4: y is NaN; it must be finite"),
        ("4\t0\t4", "5\t0\t4", "line 6: task 5 where 4 is due"),
    ] {
        let said = told(&LI_LIM.replace(from, to));
        assert!(said.contains(expected), "{from} -> {to}: {said}");
    }
    assert_eq!(told("25 200 1"), "line 1: no depot: the row of number 0");
}

#[test]
fn all_faults_of_a_file_are_told_at_once_with_their_lines() {
    let wrong = SOLOMON.replace("10     161", "NaN     161").replace("50          60", "60 50");
    let expected =
        "line 11: the demand is NaN; it must be finite; line 12: due 50 is before ready 60";
    assert_eq!(told(&wrong), expected);
}

#[test]
fn a_truncated_line_says_what_a_customer_has() {
    let cut = SOLOMON.trim_end().trim_end_matches("60          10");
    let expected =
        "line 12: 5 numbers; a customer has 7: number, x, y, demand, ready, due, service";
    assert_eq!(told(cut), expected);
}

#[test]
fn what_is_missing_is_named() {
    let lines: Vec<&str> = SOLOMON.lines().take(8).collect();
    assert_eq!(told(&lines.join("\n")), "line 8: no depot: the customer of number 0");
    let missing = CVRP.replace("DEPOT_SECTION\n1\n-1\n", "");
    assert_eq!(told(&missing), "line 14: no depot: DEPOT_SECTION is missing");
    assert!(told("nothing of the kind").starts_with("no format of instances known here"));
}

#[test]
fn a_matrix_that_is_not_square_is_refused() {
    let explicit = CVRP
        .replace("EUC_2D", "EXPLICIT\nEDGE_WEIGHT_FORMAT : FULL_MATRIX")
        .replace("DEMAND_SECTION", "EDGE_WEIGHT_SECTION\n0 1 2 1 0 3 2 3\nDEMAND_SECTION");
    assert_eq!(told(&explicit), "line 11: EDGE_WEIGHT_SECTION has 8 words; 3 rows of 3 are needed");
}

#[test]
fn enormous_numbers_and_unknown_sections_are_refused() {
    let many = CVRP.replace("DIMENSION : 3", "DIMENSION : 2147483648");
    assert!(told(&many).contains("2147483648"), "{}", told(&many));
    let heavy = CVRP.replace("2 4", "2 -4");
    assert!(told(&heavy).starts_with("line 12: the value is -4"), "{}", told(&heavy));
    let odd = CVRP.replace("DEPOT_SECTION", "BACKHAUL_SECTION\nDEPOT_SECTION");
    assert_eq!(told(&odd), "line 14: BACKHAUL_SECTION is not supported");
}

#[test]
fn a_load_no_vehicle_carries_is_a_fault_of_the_whole() {
    let heavy = CVRP.replace("2 4", "2 11");
    assert_eq!(told(&heavy), "task 1 weighs 11; no vehicle carries more than 10");
}

#[test]
fn a_written_solution_reads_back() {
    let route = |vehicle, tasks: &[u32]| FileRoute { vehicle, tasks: tasks.to_vec() };
    let routes = [route(None, &[3, 1]), route(None, &[]), route(Some(4), &[2])];
    let text = solution::write(&routes, 12.5);
    assert_eq!(text, "Route #1: 3 1\nRoute #2, vehicle 4: 2\nCost 12.5\n");
    let read = solution::read(&text).expect("a solution");
    assert_eq!(read, [routes[0].clone(), routes[2].clone()]);
    assert_eq!(solution::claimed_cost(&text), Some(12.5));
    let wrong = solution::read("Route #1: 3 x\nRoute #2, vehicle y: 4").expect_err("x is none");
    let expected = "line 1: \"x\" is no customer's number; line 2: \"y\" is no vehicle's number";
    assert_eq!(wrong.to_string(), expected);
}
