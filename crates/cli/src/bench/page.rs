//! What a report is made of: the page around it, tables, and lists of facts.

use std::fmt::Display;

use super::markup::Markup;

/// How a table's column is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    Name,
    Number,
    /// Long, and broken where it must be.
    Words,
}

impl Column {
    const fn class(self) -> &'static str {
        match self {
            Column::Name => "name",
            Column::Number => "number",
            Column::Words => "words",
        }
    }
}

/// A whole page that asks nobody for anything: no script, no font, no picture from elsewhere, and the
/// browser is told to allow none.
pub(crate) fn document(title: &str, body: impl FnOnce(&mut Markup)) -> String {
    let mut markup = Markup::default();
    markup.element("html", &[("lang", &"en")], |markup| {
        markup.element("head", &[], |markup| {
            markup.void("meta", &[("charset", &"utf-8")]);
            let policy = "default-src 'none'; style-src 'unsafe-inline'";
            let name = "Content-Security-Policy";
            markup.void("meta", &[("http-equiv", &name), ("content", &policy)]);
            let view = "width=device-width, initial-scale=1";
            markup.void("meta", &[("name", &"viewport"), ("content", &view)]);
            markup.leaf("title", &[], title);
            markup.style(include_str!("report.css"));
        });
        markup.element("body", &[], |markup| markup.element("main", &[], body));
    });
    markup.into_document()
}

/// A table that scrolls by itself where it is wider than the page. The first column names the row. What
/// follows a column's name on a line of its own is set small.
pub(crate) fn table(
    markup: &mut Markup,
    caption: &str,
    columns: &[(&str, Column)],
    bodies: impl FnOnce(&mut Markup),
) {
    let attributes: [(&str, &dyn Display); 4] =
        [("class", &"wide"), ("role", &"region"), ("tabindex", &0), ("aria-label", &caption)];
    markup.element("div", &attributes, |markup| {
        markup.element("table", &[], |markup| {
            markup.leaf("caption", &[], caption);
            markup.element("thead", &[], |markup| {
                markup.element("tr", &[], |markup| {
                    for (name, column) in columns {
                        let (name, small) = name.split_once('\n').unwrap_or((name, ""));
                        let class = column.class();
                        markup.element("th", &[("scope", &"col"), ("class", &class)], |markup| {
                            markup.text(name);
                            if !small.is_empty() {
                                markup.leaf("small", &[], small);
                            }
                        });
                    }
                });
            });
            bodies(markup);
        });
    });
    markup.line();
}

/// A row, named by its first cell.
pub(crate) fn row(markup: &mut Markup, columns: &[(&str, Column)], cells: &[String]) {
    markup.element("tr", &[], |markup| {
        for (index, (cell, (_, column))) in cells.iter().zip(columns).enumerate() {
            let class = column.class();
            if index == 0 {
                markup.leaf("th", &[("scope", &"row"), ("class", &class)], cell);
            } else {
                markup.leaf("td", &[("class", &class)], cell);
            }
        }
    });
    markup.line();
}

/// Terms and what is to be said of each, in a list of that class.
pub(crate) fn terms(markup: &mut Markup, class: &str, pairs: &[(&str, String)]) {
    markup.element("dl", &[("class", &class)], |markup| {
        for (term, words) in pairs {
            let pair = |markup: &mut Markup| {
                markup.leaf("dt", &[], term);
                markup.leaf("dd", &[], words);
            };
            // Only in the list of facts a pair is a box of its own.
            if class == "facts" { markup.element("div", &[], pair) } else { pair(markup) }
        }
    });
    markup.line();
}

/// What not everyone needs, folded away.
pub(crate) fn folded(markup: &mut Markup, summary: &str, inside: impl FnOnce(&mut Markup)) {
    markup.element("details", &[], |markup| {
        markup.leaf("summary", &[], summary);
        inside(markup);
    });
    markup.line();
}
