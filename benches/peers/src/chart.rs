//! The chart: for each name, every peer's time as a multiple of ours, on a logarithmic scale.

use std::fmt::Write as _;

use crate::measure::Row;
use crate::report::duration;

const WIDTH: f64 = 860.0;
/// The names of the peers end here. The scale begins a little further right.
const NAMES_END: f64 = 204.0;
const SCALE_START: f64 = 216.0;
/// The room right of the scale is for the figures at the ends of bars.
const SCALE_END: f64 = 730.0;
const BAR: f64 = 11.0;
const PITCH: f64 = 17.0;
const GROUP: f64 = 42.0;
const LINE: f64 = 16.0;
const CAPTION_CHARACTERS: usize = 120;

/// Colours for light and dark backgrounds. They follow the reader's setting, even if a page embeds the file as an image.
const STYLE: &str = "\
    text { font: 12px system-ui, -apple-system, 'Segoe UI', sans-serif; fill: #1f2328 }
    .name { font-weight: 600 }
    .note { fill: #59636e }
    .code { font: 11px ui-monospace, SFMono-Regular, Menlo, monospace; fill: #59636e }
    .grid { stroke: #d1d9e0 }
    .ours { stroke: #1f2328; stroke-width: 1.5 }
    .slower { fill: #0969da }
    .faster { fill: #bc4c00 }
    @media (prefers-color-scheme: dark) {
      text { fill: #f0f6fc }
      .note, .code { fill: #9198a1 }
      .grid { stroke: #3d444d }
      .ours { stroke: #f0f6fc }
      .slower { fill: #4493f8 }
      .faster { fill: #db6d28 }
    }";

/// Draws the rows of all names. Ours comes first under each name.
pub fn draw(rows: &[Row], machine: &str, ours: &str, command: &str) -> String {
    let scale = Scale::for_ratios(rows.iter().map(|row| row.ratio_to_ours));
    let mut body = String::new();
    let mut y = LINE;
    for line in [
        "Time as a multiple of ours, logarithmic. Blue: slower than ours. Orange: faster.".into(),
        format!("{machine}; {ours}"),
    ] {
        text(&mut body, "note", 0.0, y, &line);
        y += LINE;
    }
    for line in wrapped(command) {
        text(&mut body, "code", 0.0, y, &line);
        y += LINE;
    }
    let top = y + 8.0;

    let mut bars = String::new();
    y = top;
    for group in rows.chunk_by(|a, b| a.name == b.name) {
        let (ours, peers) = group.split_first().expect("a chunk has a row");
        y += GROUP;
        let title = format!("{} — ours {}", ours.name, duration(ours.median_ns));
        text(&mut bars, "name", 0.0, y - 12.0, &title);
        for peer in peers {
            bar(&mut bars, y, peer, &scale);
            y += PITCH;
        }
    }
    let bottom = y + 4.0;

    for tick in scale.ticks() {
        let (x, class) = (scale.x(tick), if tick.log2() == 0.0 { "ours" } else { "grid" });
        let _ = writeln!(body, r#"  <path class="{class}" d="M{x:.1} {:.1}V{bottom:.1}"/>"#, top + 6.0);
        let _ = writeln!(body, r#"  <text class="note" text-anchor="middle" x="{x:.1}" y="{top:.1}">{tick}×</text>"#);
    }
    let height = bottom + 4.0;
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {WIDTH} {height:.0}" width="{WIDTH}" height="{height:.0}">
  <title>cognito-srp6a against its peers</title>
  <style>
{STYLE}
  </style>
{body}{bars}</svg>
"#
    )
}

/// Draws one peer: its name, a bar from 1 to its ratio, and the figures.
fn bar(out: &mut String, y: f64, peer: &Row, scale: &Scale) {
    let (one, end) = (scale.x(1.0), scale.x(peer.ratio_to_ours));
    let (class, left, width) = if end > one { ("slower", one, end - one) } else { ("faster", end, one - end) };
    let base = y + BAR - 2.0;
    let _ = writeln!(out, r#"  <text text-anchor="end" x="{NAMES_END}" y="{base:.1}">{}</text>"#, peer.who);
    let _ = writeln!(
        out,
        r#"  <rect class="{class}" x="{left:.1}" y="{y:.1}" width="{width:.1}" height="{BAR}" rx="1.5"/>"#
    );
    // The figures of a bar to the left go right of the line.
    let figures = format!("{:.2}× · {}", peer.ratio_to_ours, duration(peer.median_ns));
    text(out, "note", left + width + 6.0, base, &figures);
}

fn text(out: &mut String, class: &str, x: f64, y: f64, content: &str) {
    let content = content.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let _ = writeln!(out, r#"  <text class="{class}" x="{x:.1}" y="{y:.1}">{content}</text>"#);
}

/// A logarithmic scale between two powers of two.
struct Scale {
    low: f64,
    high: f64,
}

impl Scale {
    fn for_ratios(ratios: impl Iterator<Item = f64>) -> Self {
        // Cover at least a half to two, so that small differences look small.
        let (low, high) = ratios.fold((0.5, 2.0), |(low, high): (f64, f64), ratio| (low.min(ratio), high.max(ratio)));
        Self { low: low.log2().floor(), high: high.log2().ceil() }
    }

    fn x(&self, ratio: f64) -> f64 {
        SCALE_START + (SCALE_END - SCALE_START) * (ratio.log2() - self.low) / (self.high - self.low)
    }

    fn ticks(&self) -> impl Iterator<Item = f64> {
        // Above ten doublings, mark every second one.
        let step = if self.high - self.low > 10.0 { 2 } else { 1 };
        (self.low as i32..=self.high as i32).filter(move |power| power % step == 0).map(|power| 2_f64.powi(power))
    }
}

/// Breaks a command into lines at spaces. A list of names is one word.
fn wrapped(command: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in command.split(' ') {
        let last = lines.last_mut().expect("there is always a line");
        if last.is_empty() {
            last.push_str(word);
        } else if last.len() + word.len() < CAPTION_CHARACTERS {
            let _ = write!(last, " {word}");
        } else {
            last.push_str(" \\");
            lines.push(format!("    {word}"));
        }
    }
    lines
}
