//! Reading the runnable examples out of a Markdown document.
//!
//! Only fences and their info strings are looked at; everything else in the document is prose.

use anyhow::{Result, bail};

/// One runnable block and what the document says it prints.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Example {
    /// Line of the opening fence, counted from 1.
    pub(super) line: usize,
    /// The shell commands.
    pub(super) commands: String,
    /// The output block that follows, if there is one.
    pub(super) expected: Option<Expected>,
}

/// What a block is said to print.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Expected {
    /// The lines of the output block.
    pub(super) text: String,
    /// Whether the lines are JSON, where white space does not matter.
    pub(super) json: bool,
}

/// The examples of a document, in order.
///
/// Prose may stand between a block and its output, another fenced block may not.
pub(super) fn parse(document: &str) -> Result<Vec<Example>> {
    let mut examples: Vec<Example> = Vec::new();
    let mut open_for_output = false;
    let mut lines = document.lines().enumerate();
    while let Some((index, line)) = lines.next() {
        let Some(info) = line.trim_start().strip_prefix("```") else { continue };
        let indent = line.len() - line.trim_start().len();
        let mut content = Vec::new();
        let mut closed = false;
        for (_, inner) in lines.by_ref() {
            if inner.trim() == "```" {
                closed = true;
                break;
            }
            // A block inside a list is indented as its fence is.
            let stripped = inner.get(indent..).filter(|_| inner[..indent].trim().is_empty());
            content.push(stripped.unwrap_or(inner.trim_start()));
        }
        if !closed {
            bail!("line {}: this block is never closed", index + 1);
        }
        let info = info.trim();
        if info == "sh run" {
            let commands = content.join("\n");
            examples.push(Example { line: index + 1, commands, expected: None });
        } else if info == "json output" || info == "text output" {
            let Some(example) = examples.last_mut().filter(|_| open_for_output) else {
                bail!("line {}: an output block without a `sh run` block before it", index + 1);
            };
            let json = info == "json output";
            example.expected = Some(Expected { text: content.join("\n"), json });
        }
        open_for_output = info == "sh run";
    }
    Ok(examples)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_found_with_their_outputs() {
        let document = "# Title\n```sh\nnot run\n```\n\n```sh run\na\n  b\n```\nIt answers:\n\
                        ```json output\n{}\n```\n1. step\n   ```sh run\n   c\n\n   d\n   ```\n";
        let examples = parse(document).unwrap();
        assert_eq!(examples.len(), 2);
        assert_eq!((examples[0].line, examples[0].commands.as_str()), (6, "a\n  b"));
        let expected = Expected { text: "{}".into(), json: true };
        assert_eq!(examples[0].expected.as_ref(), Some(&expected));
        assert_eq!((examples[1].commands.as_str(), &examples[1].expected), ("c\n\nd", &None));
    }

    #[test]
    fn misplaced_outputs_and_open_blocks_are_errors() {
        for document in [
            "```text output\nx\n```\n",
            "```sh run\nx\n```\n```toml\ny\n```\n```text output\nx\n```\n",
            "```sh run\nx\n",
        ] {
            assert!(parse(document).is_err(), "{document}");
        }
    }
}
