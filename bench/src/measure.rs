//! Latencies and what a process costs.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use anyhow::{Context, Result};

/// Log-linear histogram of microseconds: 32 steps per octave, so an error of at most 3 %.
#[derive(Clone)]
pub(crate) struct Histogram {
    counts: Vec<u32>,
    total: u64,
}

const STEPS: u64 = 32;

impl Default for Histogram {
    fn default() -> Self {
        Self {
            counts: vec![0; (STEPS * 30) as usize],
            total: 0,
        }
    }
}

impl Histogram {
    fn slot(micros: u64) -> usize {
        if micros < STEPS {
            return micros as usize;
        }
        let octave = u64::from(micros.ilog2()) - 5;
        ((octave + 1) * STEPS + ((micros >> octave) - STEPS)) as usize
    }

    fn value(slot: usize) -> f64 {
        let slot = slot as u64;
        if slot < STEPS {
            return slot as f64;
        }
        let octave = slot / STEPS - 1;
        ((STEPS + slot % STEPS) << octave) as f64 + (1u64 << octave) as f64 / 2.0
    }

    pub(crate) fn add(&mut self, micros: u64) {
        let slot = Self::slot(micros).min(self.counts.len() - 1);
        self.counts[slot] += 1;
        self.total += 1;
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for (ours, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *ours += theirs;
        }
        self.total += other.total;
    }

    /// Milliseconds; NaN when nothing was measured.
    pub(crate) fn quantile_ms(&self, quantile: f64) -> f64 {
        let rank = (self.total as f64 * quantile).ceil().max(1.0) as u64;
        let mut seen = 0;
        for (slot, count) in self.counts.iter().enumerate() {
            seen += u64::from(*count);
            if seen >= rank {
                return Self::value(slot) / 1000.0;
            }
        }
        f64::NAN
    }
}

/// When each clock of each writer was sent.
pub(crate) struct Stamps {
    start: Instant,
    base: u64,
    /// Per writer, per clock: microseconds since the start, plus one.
    sent: Vec<Vec<AtomicU64>>,
}

impl Stamps {
    /// Writers have the client ids `base..base + writers`.
    pub(crate) fn new(base: u64, writers: usize, clocks: usize) -> Self {
        let sent = (0..writers)
            .map(|_| (0..clocks).map(|_| AtomicU64::new(0)).collect())
            .collect();
        Self {
            start: Instant::now(),
            base,
            sent,
        }
    }

    fn cell(&self, client: u64, clock: u64) -> Option<&AtomicU64> {
        let writer = usize::try_from(client.checked_sub(self.base)?).ok()?;
        self.sent.get(writer)?.get(usize::try_from(clock).ok()?)
    }

    pub(crate) fn now(&self) -> u64 {
        self.start.elapsed().as_micros() as u64
    }

    pub(crate) fn sent(&self, client: u64, clock: u64) {
        if let Some(cell) = self.cell(client, clock) {
            cell.store(self.now() + 1, Ordering::Release);
        }
    }

    /// Microseconds from sending to `now`; `None` when it was never stamped.
    pub(crate) fn age(&self, client: u64, clock: u64, now: u64) -> Option<u64> {
        let sent = self.cell(client, clock)?.load(Ordering::Acquire);
        (sent > 0).then(|| (now + 1).saturating_sub(sent))
    }
}

/// CPU seconds (user and system) that a process has used. Resolution: 10 ms.
pub(crate) fn cpu_seconds(pid: u32) -> Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .context("the server's process is gone")?;
    // The second field is the name in parentheses, which may hold spaces.
    let fields = stat
        .rsplit_once(')')
        .map(|(_, rest)| rest)
        .unwrap_or_default();
    let ticks: u64 = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum();
    Ok(ticks as f64 / 100.0)
}

/// Resident memory in KiB.
pub(crate) fn rss_kib(pid: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))
        .context("the server's process is gone")?;
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|rest| rest.trim().trim_end_matches("kB").trim().parse().ok())
        .context("no VmRSS")
}

/// The process that listens on a local port, where this user may see it.
pub(crate) fn listener(port: u16) -> Option<u32> {
    let wanted = format!(":{port:04X}");
    let mut inode = None;
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        let text = std::fs::read_to_string(table).unwrap_or_default();
        for line in text.lines().skip(1) {
            let fields: Vec<&str> = line.split_whitespace().collect();
            if fields.len() > 9 && fields[1].ends_with(&wanted) && fields[3] == "0A" {
                inode = Some(format!("socket:[{}]", fields[9]));
            }
        }
    }
    let inode = inode?;
    for process in std::fs::read_dir("/proc").ok()?.flatten() {
        let Ok(pid) = process.file_name().to_string_lossy().parse::<u32>() else {
            continue;
        };
        let Ok(files) = std::fs::read_dir(process.path().join("fd")) else {
            continue;
        };
        for file in files.flatten() {
            if std::fs::read_link(file.path()).is_ok_and(|link| link.to_string_lossy() == inode) {
                return Some(pid);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_close() {
        let mut histogram = Histogram::default();
        for micros in 1..=10_000 {
            histogram.add(micros);
        }
        for (quantile, want) in [(0.5, 5.0), (0.99, 9.9), (1.0, 10.0)] {
            let got = histogram.quantile_ms(quantile);
            assert!((got - want).abs() / want < 0.03, "{quantile}: {got}");
        }
        histogram.add(u64::MAX);
        assert_eq!(histogram.total, 10_001);
    }

    #[test]
    fn this_process_costs_something() {
        assert!(rss_kib(std::process::id()).unwrap() > 0);
        assert!(cpu_seconds(std::process::id()).unwrap() >= 0.0);
    }
}
