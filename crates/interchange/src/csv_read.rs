//! CSV as a table.

use std::collections::HashMap;

use crate::outline::{MAX_ITEMS, one_line};
use crate::read::Error;
use crate::report::{Level, Report};
use crate::table::{MAX_CELL, MAX_COLUMNS, Row, Table};

/// The sign between cells: of the usual ones, the one that cuts the first lines into the most
/// columns of which there are equally many.
pub(crate) fn delimiter(text: &str) -> u8 {
    // Excel writes it down.
    if let Some(sign) = text
        .strip_prefix("sep=")
        .and_then(|rest| rest.bytes().next())
    {
        return sign;
    }
    let score = |sign: u8| {
        let head = &text[..text.floor_char_boundary(text.len().min(200_000))];
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(sign)
            .from_reader(head.as_bytes());
        let mut counts: HashMap<usize, usize> = HashMap::new();
        let mut record = csv::ByteRecord::new();
        for _ in 0..50 {
            match reader.read_byte_record(&mut record) {
                Ok(true) => *counts.entry(record.len()).or_default() += 1,
                _ => break,
            }
        }
        let most = counts.iter().max_by_key(|(width, rows)| (**rows, **width));
        most.map_or(
            (0, 0),
            |(width, rows)| if *width > 1 { (*rows, *width) } else { (0, 0) },
        )
    };
    // The first of equals.
    let mut best = (b',', (0, 0));
    for sign in *b",;\t|" {
        let found = score(sign);
        if found.0 * found.1.min(50) > best.1.0 * best.1.1.min(50) {
            best = (sign, found);
        }
    }
    best.0
}

/// Reads a table. Without a header, columns are called by their numbers.
pub(crate) fn table(
    text: &str,
    delimiter: u8,
    header: bool,
    report: &mut Report,
) -> Result<Table, Error> {
    let text = match text.strip_prefix("sep=") {
        Some(rest) => rest.split_once('\n').map_or("", |(_, rest)| rest),
        None => text,
    };
    // A record is read whole; this bounds it before it is.
    let most = text
        .split('\n')
        .map(|line| line.bytes().filter(|b| *b == delimiter).count())
        .max();
    if most.is_some_and(|most| most > 20 * MAX_COLUMNS) {
        return Err(Error::TooManyColumns);
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    let mut table = Table::default();
    let mut first = true;
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => return Err(Error::Csv(error.to_string().chars().take(200).collect())),
        }
        let line = record.position().map_or(0, csv::Position::line);
        if first {
            first = false;
            if record.len() > MAX_COLUMNS {
                return Err(Error::TooManyColumns);
            }
            if header {
                table.columns = record
                    .iter()
                    .map(|name| one_line(name).chars().take(200).collect())
                    .collect();
                continue;
            }
        }
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if table.rows.len() >= MAX_ITEMS {
            return Err(Error::TooManyRows);
        }
        if record.len() > MAX_COLUMNS {
            report.add(
                Level::Warning,
                "row_too_wide",
                format!("Rows are cut after {MAX_COLUMNS} columns."),
                line,
            );
        }
        while table.columns.len() < record.len().min(MAX_COLUMNS) {
            if header {
                report.add(
                    Level::Info,
                    "row_longer",
                    "Rows with more cells than the header has names.".into(),
                    line,
                );
            }
            table
                .columns
                .push(format!("Column {}", table.columns.len() + 1));
        }
        let mut cells = Vec::new();
        for (column, cell) in record.iter().take(MAX_COLUMNS).enumerate() {
            if cell.trim().is_empty() {
                continue;
            }
            let mut cell = unprotected(cell).to_owned();
            if cell.len() > MAX_CELL {
                cell.truncate(cell.floor_char_boundary(MAX_CELL));
                report.add(
                    Level::Warning,
                    "cell_cut",
                    format!("Cells are cut after {MAX_CELL} bytes."),
                    line,
                );
            }
            cells.push((column, cell));
        }
        table.rows.push(Row { line, cells });
    }
    if table.rows.is_empty() {
        return Err(Error::Empty);
    }
    Ok(table)
}

/// A cell without the apostrophe that keeps a spreadsheet from taking it for a formula.
fn unprotected(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(crate::csv_write::DANGEROUS) => rest,
        _ => cell,
    }
}
