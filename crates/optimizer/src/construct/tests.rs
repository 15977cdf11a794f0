//! A plan from nothing: every rule kept, every stop accounted for, nothing by chance.
