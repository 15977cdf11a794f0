use super::*;
use proptest::prelude::*;

fn faults(text: &str) -> String {
    let faults = read(text.as_bytes()).expect_err("it is wrong");
    faults.iter().map(Fault::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn lines_become_stops_in_the_order_of_their_numbers() {
    let text = "\
sequence,shipment,parcel,manifest
20,s-1,,m-1
3,s-2,p-2,m-1
3,s-2,p-1,m-1
3,s-3,,m-1
1,s-4,,m-0
";
    let plan = read(text.as_bytes()).expect("it is a plan");
    assert_eq!((plan.manifests.len(), plan.stop_count(), plan.task_count()), (2, 3, 4));
    assert_eq!(plan.manifests[0].manifest, "manifests/m-0");
    let first = &plan.manifests[1].stops[0];
    assert_eq!(first.tasks[0].parcels, ["shipments/s-2/parcels/p-2", "shipments/s-2/parcels/p-1"]);
    assert_eq!(first.tasks[1].parcels, Vec::<String>::new());
    assert_eq!(plan.manifests[1].stops[1].tasks[0].shipment, "shipments/s-1");
}

#[test]
fn the_parcel_column_may_be_left_out_and_a_byte_order_mark_is_none_of_it() {
    let plan = read("\u{feff}manifest,sequence,shipment\nm,1,s\n".as_bytes()).expect("a plan");
    assert_eq!(plan.task_count(), 1);
}

#[test]
fn every_wrong_line_is_told_of_at_once() {
    let text = "\
manifest,sequence,shipment,parcel
m-1,1,s-1,
m 1,one,s-2,
m-1,2
m-1,-3,,p/1
m-2,1,s-1,p-1
m-2,2,s-5,p-1
m-2,3,s-5,p-1
m-2,4,s-5,
";
    let expected = "\
3: manifest is \"m 1\"; it has ' ' at position 1; only letters, digits, '.', '_', '~' and '-' are allowed
3: sequence is \"one\"; a whole number is required
4: has 2 fields, the header has 4
5: sequence is \"-3\"; a whole number is required
5: shipment is \"\"; it is empty; 1 to 64 characters are required
5: parcel is \"p/1\"; it has '/' at position 1; only letters, digits, '.', '_', '~' and '-' are allowed
6: parcel p-1 of shipment s-1 is placed already, in line 2
8: parcel p-1 of shipment s-5 is placed already, in line 7
9: shipment s-5 (all parcels) is placed already, in line 7";
    assert_eq!(faults(text), expected);
}

#[test]
fn a_header_that_is_not_one_is_told_in_full() {
    let expected = "\
1: column \"van\" is unknown; they are manifest, sequence, shipment, parcel
1: column \"shipment\" comes twice
1: column \"manifest\" is missing
1: column \"sequence\" is missing";
    assert_eq!(faults("van,shipment,shipment\n1,2,3\n"), expected);
    assert_eq!(faults("manifest,sequence,shipment\n"), "1: no line follows the header");
}

#[test]
fn text_that_is_no_text_and_files_of_another_kind_end_soon() {
    let mut bytes = b"manifest,sequence,shipment\nm,1,".to_vec();
    bytes.extend([0xff, 0xfe, b'\n']);
    let told = read(bytes.as_slice()).expect_err("it is wrong")[0].to_string();
    assert!(told.starts_with("2: is not UTF-8"), "{told}");
    let many = format!("manifest,sequence,shipment\n{}", "x y,z,\n".repeat(1_000));
    let told = read(many.as_bytes()).expect_err("it is wrong");
    assert_eq!(told.len(), FAULTS_MAX);
    assert!(
        told[FAULTS_MAX - 1].to_string().ends_with("(and 2900 more faults)"),
        "{:?}",
        told.last()
    );
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let with_header = [b"manifest,sequence,shipment,parcel\n".as_slice(), &bytes].concat();
        drop(read(bytes.as_slice()));
        drop(read(with_header.as_slice()));
    }

    #[test]
    fn every_line_of_a_right_file_is_in_the_plan(
        rows in proptest::collection::vec((0..4_u8, 0..9_u64), 1..60),
    ) {
        let lines: Vec<String> = (0..).zip(&rows)
            .map(|(index, (manifest, sequence))| format!("m{manifest},{sequence},s{index}\n"))
            .collect();
        let lines = lines.concat();
        let plan = read(format!("manifest,sequence,shipment\n{lines}").as_bytes()).expect("a plan");
        prop_assert_eq!(plan.task_count(), rows.len());
        for manifest in &plan.manifests {
            let order: Vec<u64> = manifest.stops.iter().map(|stop| {
                let index: usize = names::id(&stop.tasks[0].shipment)[1..].parse().expect("a number");
                rows[index].1
            }).collect();
            prop_assert!(order.is_sorted_by(|one, next| one < next), "{order:?}");
        }
    }
}
