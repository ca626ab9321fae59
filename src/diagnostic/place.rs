//! A place in a file that was read: which bytes, and so which line and column.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// A file as it was read, by the name it is shown with.
#[derive(Debug, PartialEq, Eq)]
pub struct SourceText {
    pub name: String,
    pub text: String,
}

impl SourceText {
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { name: name.into(), text: text.into() })
    }
}

/// Some bytes of a file. Cheap to clone.
#[derive(Clone, PartialEq, Eq)]
pub struct Place {
    pub file: Arc<SourceText>,
    pub span: Range<usize>,
}

/// Both from 1; columns count characters, as editors show them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineCol {
    pub line: usize,
    pub column: usize,
}

impl Place {
    /// Bytes of `file`, cut to what the file has.
    pub fn new(file: &Arc<SourceText>, span: Range<usize>) -> Self {
        let end = file.text.len();
        let start = span.start.min(end);
        Self { file: file.clone(), span: start..span.end.clamp(start, end) }
    }

    /// The whole file, shown at its first line.
    pub fn start_of(file: &Arc<SourceText>) -> Self {
        Self::new(file, 0..0)
    }

    pub fn line_col(&self) -> LineCol {
        let before = self.file.text.get(..self.span.start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        LineCol { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
    }

    /// Where it ends.
    pub fn end(&self) -> Self {
        Self { file: self.file.clone(), span: self.span.end..self.span.end }
    }

    pub(super) fn order(&self) -> (&str, usize) {
        (&self.file.name, self.span.start)
    }
}

/// `mappings/loja.yaml:5:38`
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LineCol { line, column } = self.line_col();
        write!(f, "{}:{line}:{column}", self.file.name)
    }
}

/// As `Display`: the text of the file would drown a failing test.
impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let file = SourceText::new("a.yaml", "x: ação\ny: z\n");
        let at = |offset| Place::new(&file, offset..offset + 1).line_col();
        assert_eq!(at(0), LineCol { line: 1, column: 1 });
        assert_eq!(at(8), LineCol { line: 1, column: 7 }, "the last o, after two two-byte letters");
        assert_eq!(at(10), LineCol { line: 2, column: 1 });
        assert_eq!(Place::new(&file, 900..901).to_string(), "a.yaml:3:1", "past the end is the end");
    }
}
