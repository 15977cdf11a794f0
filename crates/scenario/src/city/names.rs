//! Street names, as an Austrian town might have them: none twice, each fitting its quarter.

use super::site::Quarter;
use super::streets::{Class, Street};
use crate::dice::Dice;

const TREES: &[&str] = &[
    "Ahorn",
    "Birken",
    "Buchen",
    "Eichen",
    "Erlen",
    "Eschen",
    "Fichten",
    "Föhren",
    "Hasel",
    "Holunder",
    "Kastanien",
    "Kiefern",
    "Kirschen",
    "Lärchen",
    "Linden",
    "Nuss",
    "Pappel",
    "Quitten",
    "Rosen",
    "Schlehen",
    "Tannen",
    "Ulmen",
    "Wacholder",
    "Weiden",
    "Weißdorn",
    "Zedern",
    "Flieder",
    "Ginster",
    "Jasmin",
    "Lavendel",
    "Malven",
    "Mohn",
    "Nelken",
    "Primel",
    "Tulpen",
    "Veilchen",
    "Enzian",
    "Distel",
    "Farn",
    "Heide",
    "Klee",
    "Lilien",
    "Narzissen",
    "Amsel",
    "Drossel",
    "Finken",
    "Meisen",
    "Lerchen",
    "Schwalben",
    "Falken",
    "Reiher",
    "Storchen",
    "Spechten",
    "Kuckuck",
    "Dachs",
    "Fuchs",
    "Hasen",
    "Igel",
    "Reh",
    "Biber",
];
const TRADES: &[&str] = &[
    "Bäcker",
    "Binder",
    "Brauer",
    "Drechsler",
    "Färber",
    "Fischer",
    "Fleischhauer",
    "Gerber",
    "Glaser",
    "Goldschmied",
    "Hafner",
    "Huter",
    "Kürschner",
    "Kupferschmied",
    "Lederer",
    "Maurer",
    "Messerer",
    "Müller",
    "Nadler",
    "Sattler",
    "Schiffer",
    "Schlosser",
    "Schmied",
    "Schneider",
    "Schuster",
    "Seiler",
    "Spengler",
    "Steinmetz",
    "Tischler",
    "Töpfer",
    "Tuchmacher",
    "Wagner",
    "Weber",
    "Ziegler",
    "Zimmerer",
    "Salz",
    "Korn",
    "Wein",
    "Fleisch",
    "Kloster",
    "Dom",
    "Spital",
    "Rathaus",
    "Münz",
    "Zeughaus",
    "Brunnen",
    "Turm",
    "Tor",
    "Stadtgraben",
    "Herren",
    "Pfarr",
];
const PLACES: &[&str] = &[
    "Linzer",
    "Grazer",
    "Salzburger",
    "Prager",
    "Brünner",
    "Badener",
    "Welser",
    "Steyrer",
    "Villacher",
    "Lienzer",
    "Bozner",
    "Triester",
    "Laibacher",
    "Budapester",
    "Preßburger",
    "Passauer",
    "Münchner",
    "Augsburger",
    "Ulmer",
    "Regensburger",
    "Nürnberger",
    "Egerer",
    "Olmützer",
    "Krakauer",
    "Lemberger",
    "Zagreber",
    "Görzer",
    "Meraner",
    "Bregenzer",
    "Innsbrucker",
    "Kufsteiner",
    "Klagenfurter",
    "Wolfsberger",
    "Leobener",
    "Mariazeller",
    "Amstettner",
    "Kremser",
    "Horner",
    "Zwettler",
    "Retzer",
];
const FIELDS: &[&str] = &[
    "Anger",
    "Au",
    "Bach",
    "Berg",
    "Brücken",
    "Burg",
    "Damm",
    "Dorf",
    "Feld",
    "Garten",
    "Graben",
    "Hang",
    "Hof",
    "Höhen",
    "Hügel",
    "Kapellen",
    "Kirchen",
    "Mühl",
    "Obst",
    "Quellen",
    "Rain",
    "Ried",
    "Sand",
    "Schloss",
    "See",
    "Sonnen",
    "Stein",
    "Teich",
    "Tal",
    "Ufer",
    "Wald",
    "Wiesen",
    "Ziegelofen",
    "Schul",
    "Park",
    "Bahn",
    "Werft",
    "Hafen",
    "Lager",
    "Messe",
    "Fabrik",
    "Gewerbe",
];
const EPITHETS: &[&str] =
    &["Obere", "Untere", "Alte", "Neue", "Lange", "Kurze", "Hintere", "Vordere"];

/// Gives every street that deserves one a name of its own.
pub(super) fn give_names(streets: &mut [Street], seed: u64) {
    let mut dice = Dice::new(seed, "names", 0, 0);
    let mut pools = Pools::new(&mut dice);
    for street in streets {
        if matches!(street.class, Class::Trunk | Class::Service | Class::Driveway)
            || street.roundabout
        {
            continue;
        }
        if street.name.is_empty() {
            street.name = pools.name_for(street, &mut dice);
        }
    }
}

/// Names not yet given, by kind, each pool in an order of its own.
struct Pools {
    radial: Vec<String>,
    old: Vec<String>,
    blocks: Vec<String>,
    garden: Vec<String>,
    numbered: u32,
}

impl Pools {
    fn new(dice: &mut Dice) -> Pools {
        let joined = |stems: &[&[&str]], endings: &[&str]| -> Vec<String> {
            let stems = stems.iter().flat_map(|stems| stems.iter());
            stems
                .flat_map(|stem| endings.iter().map(move |ending| format!("{stem}{ending}")))
                .collect()
        };
        let radial = joined(&[PLACES], &[" Straße"]);
        let mut pools = Pools {
            radial,
            old: joined(&[TRADES], &["gasse", "steig", "winkel"]),
            blocks: joined(&[FIELDS, TRADES], &["straße"])
                .into_iter()
                .chain(joined(&[PLACES], &[" Gasse"]))
                .chain(joined(&[TREES, FIELDS], &["gasse"]))
                .collect(),
            garden: joined(&[TREES, FIELDS], &["weg"])
                .into_iter()
                .chain(joined(&[TREES], &["straße", "hain", "zeile"]))
                .chain(joined(&[FIELDS], &["siedlung", "rand"]))
                .collect(),
            numbered: 0,
        };
        for pool in [&mut pools.radial, &mut pools.old, &mut pools.blocks, &mut pools.garden] {
            *pool = with_epithets(pool, dice);
        }
        pools
    }

    fn name_for(&mut self, street: &Street, dice: &mut Dice) -> String {
        let old = street.quarter == Quarter::Old;
        let pool = match street.class {
            Class::Primary | Class::Secondary | Class::Tertiary => &mut self.radial,
            _ if old => &mut self.old,
            _ if street.quarter == Quarter::Blocks => &mut self.blocks,
            _ => &mut self.garden,
        };
        pool.pop().unwrap_or_else(|| {
            // The town has outgrown its names: it goes on as housing estates do.
            self.numbered += 1;
            let stem = dice.pick(TREES).copied().unwrap_or("Linden");
            format!("{stem}siedlung {}", self.numbered)
        })
    }
}

/// The names in random order, plain ones to be taken before those with an epithet.
fn with_epithets(plain: &[String], dice: &mut Dice) -> Vec<String> {
    let mut plain = plain.to_vec();
    dice.shuffle(&mut plain);
    let told_apart = plain.iter().filter(|name| !name.contains(' '));
    let mut rare: Vec<String> = told_apart
        .flat_map(|name| EPITHETS.iter().map(move |epithet| format!("{epithet} {name}")))
        .collect();
    dice.shuffle(&mut rare);
    rare.extend(plain);
    rare
}
