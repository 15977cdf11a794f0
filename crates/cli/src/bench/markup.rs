//! HTML and SVG that are well-formed by construction: what is opened is closed, what is text is escaped.

use std::fmt::{self, Display, Write as _};

/// Names and values of an element's attributes.
pub(crate) type Attributes<'a> = &'a [(&'a str, &'a dyn Display)];

/// Markup as it grows. Names of elements and attributes are ours; everything else may be anybody's.
#[derive(Debug, Default)]
pub(crate) struct Markup(String);

impl Markup {
    /// An element around what `inside` adds.
    pub(crate) fn element(
        &mut self,
        name: &str,
        attributes: Attributes,
        inside: impl FnOnce(&mut Markup),
    ) {
        self.open(name, attributes);
        self.0.push('>');
        inside(self);
        write!(self.0, "</{name}>").expect("a string takes it");
    }

    /// An element around a text.
    pub(crate) fn leaf(&mut self, name: &str, attributes: Attributes, text: impl Display) {
        self.element(name, attributes, |markup| markup.text(text));
    }

    /// An element that HTML knows to be empty, such as `meta`.
    pub(crate) fn void(&mut self, name: &str, attributes: Attributes) {
        self.open(name, attributes);
        self.0.push_str("/>");
    }

    pub(crate) fn text(&mut self, text: impl Display) {
        write!(Escaped(&mut self.0), "{text}").expect("a string takes it");
    }

    /// A style sheet, which is no text to HTML: nothing in it is escaped.
    pub(crate) fn style(&mut self, sheet: &'static str) {
        self.0.push_str("<style>\n");
        self.0.push_str(sheet);
        self.0.push_str("</style>\n");
    }

    /// Between elements, so that the source can be read.
    pub(crate) fn line(&mut self) {
        self.0.push('\n');
    }

    /// A document of what was added.
    pub(crate) fn into_document(self) -> String {
        format!("<!DOCTYPE html>\n{}\n", self.0)
    }

    fn open(&mut self, name: &str, attributes: Attributes) {
        write!(self.0, "<{name}").expect("a string takes it");
        for (name, value) in attributes {
            write!(self.0, " {name}=\"").expect("a string takes it");
            write!(Escaped(&mut self.0), "{value}").expect("a string takes it");
            self.0.push('"');
        }
    }
}

/// Escapes what could be markup, and leaves out what no document may hold.
struct Escaped<'a>(&'a mut String);

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for letter in text.chars() {
            match letter {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                '\n' | '\t' => self.0.push(letter),
                '\u{fffe}' | '\u{ffff}' => self.0.push('\u{fffd}'),
                letter if letter.is_control() => self.0.push('\u{fffd}'),
                letter => self.0.push(letter),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_others_cannot_become_markup() {
        let mut markup = Markup::default();
        let name = "<b onload='x'>&\u{0}\"";
        markup.element("p", &[("title", &name)], |markup| markup.text(name));
        let escaped = "&lt;b onload=&#39;x&#39;&gt;&amp;\u{fffd}&quot;";
        assert_eq!(markup.0, format!("<p title=\"{escaped}\">{escaped}</p>"));
    }
}
