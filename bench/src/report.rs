//! Tables on standard output, and the same figures as JSON.

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

/// What the figures of other servers are, wherever they are printed.
pub(crate) const REFERENCE: &str =
    "reference figures of 2026-11-21, another run on a 2-core machine: compare ratios, not values";

pub(crate) struct Report {
    pub(crate) name: &'static str,
    columns: Vec<String>,
    rows: Vec<(String, Vec<Option<f64>>)>,
    reference: Vec<(String, Vec<Option<f64>>)>,
    notes: Vec<String>,
    bars: Vec<(String, bool)>,
}

impl Report {
    pub(crate) fn new(name: &'static str, columns: &[&str]) -> Self {
        Self {
            name,
            columns: columns.iter().map(|column| (*column).to_owned()).collect(),
            rows: Vec::new(),
            reference: Vec::new(),
            notes: Vec::new(),
            bars: Vec::new(),
        }
    }

    pub(crate) fn row(&mut self, who: &str, values: &[Option<f64>]) {
        println!("  {}: {who}: {}", self.name, self.describe(values));
        self.rows.push((who.to_owned(), values.to_vec()));
    }

    pub(crate) fn reference(&mut self, who: &str, values: &[Option<f64>]) {
        self.reference.push((who.to_owned(), values.to_vec()));
    }

    pub(crate) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// States a bar of the project and whether it holds.
    pub(crate) fn bar(&mut self, what: impl Into<String>, holds: bool) {
        self.bars.push((what.into(), holds));
    }

    /// A figure of a row measured in this run.
    pub(crate) fn value(&self, who: &str, column: usize) -> Option<f64> {
        self.rows
            .iter()
            .find(|(name, _)| name == who)
            .and_then(|(_, values)| values.get(column).copied().flatten())
    }

    fn describe(&self, values: &[Option<f64>]) -> String {
        let cells = self.columns.iter().zip(values);
        cells
            .map(|(column, value)| format!("{column} {}", show(*value)))
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// Prints the table and writes target/bench/{name}.json.
    pub(crate) fn finish(self) -> Result<()> {
        let mut lines = vec![
            std::iter::once(self.name.to_owned())
                .chain(self.columns.iter().cloned())
                .collect::<Vec<_>>(),
        ];
        let cells = |(who, values): &(String, Vec<Option<f64>>)| {
            std::iter::once(who.clone())
                .chain(values.iter().map(|value| show(*value)))
                .collect::<Vec<_>>()
        };
        lines.extend(self.rows.iter().map(cells));
        let measured = lines.len();
        lines.extend(self.reference.iter().map(cells));
        let widths: Vec<usize> = (0..=self.columns.len())
            .map(|column| {
                lines
                    .iter()
                    .filter_map(|line| line.get(column))
                    .map(|cell| cell.chars().count())
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        println!();
        for (index, line) in lines.iter().enumerate() {
            if index == measured {
                println!("  -- {REFERENCE}");
            }
            let mut text = String::from(" ");
            for (column, cell) in line.iter().enumerate() {
                let width = widths[column];
                text.push_str(&if column == 0 {
                    format!(" {cell:<width$}")
                } else {
                    format!("  {cell:>width$}")
                });
            }
            println!("{text}");
        }
        for note in &self.notes {
            println!("  {note}");
        }
        for (what, holds) in &self.bars {
            println!("  {} {what}", if *holds { "met:   " } else { "MISSED:" });
        }
        println!();
        self.write()
    }

    fn write(&self) -> Result<()> {
        let rows = |rows: &[(String, Vec<Option<f64>>)]| {
            Value::Array(
                rows.iter()
                    .map(|(who, values)| {
                        let mut row = Map::new();
                        row.insert("who".into(), json!(who));
                        for (column, value) in self.columns.iter().zip(values) {
                            row.insert(column.clone(), json!(value));
                        }
                        Value::Object(row)
                    })
                    .collect(),
            )
        };
        let bars: Vec<Value> = self
            .bars
            .iter()
            .map(|(bar, met)| json!({ "bar": bar, "met": met }))
            .collect();
        let report = json!({
            "name": self.name,
            "measured": rows(&self.rows),
            "reference": rows(&self.reference),
            "reference_note": REFERENCE,
            "notes": self.notes,
            "bars": bars,
        });
        let folder = folder()?;
        std::fs::write(
            folder.join(format!("{}.json", self.name)),
            serde_json::to_string_pretty(&report)?,
        )?;
        Ok(())
    }
}

/// target/bench, beside the folder of the running binary.
pub(crate) fn folder() -> Result<PathBuf> {
    let exe = std::env::current_exe()?;
    let target = exe
        .ancestors()
        .nth(2)
        .context("the benchmark does not run from target/")?;
    let folder = target.join("bench");
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn show(value: Option<f64>) -> String {
    match value {
        None => "–".into(),
        Some(value) if value.is_nan() => "–".into(),
        Some(value) if value.abs() >= 1_000_000.0 => format!("{:.2} M", value / 1e6),
        Some(value) if value.abs() >= 10_000.0 => format!("{:.0} k", value / 1e3),
        Some(value) if value.abs() >= 100.0 => format!("{value:.0}"),
        Some(value) if value == value.trunc() => format!("{value}"),
        Some(value) => format!("{value:.2}"),
    }
}
