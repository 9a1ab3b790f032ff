//! Files of history for `lull import`, for tests that need more than one by one would be quick enough.

use super::process::{lull, run};
use serde_json::json;
use std::io::{BufWriter, Write};
use std::path::Path;

/// Writes `conversations` of `messages` each, every message made of `text`, and takes them in.
#[track_caller]
pub fn import(database: &str, folder: &Path, conversations: usize, messages: usize, text: &str) {
    let file = folder.join("history.jsonl");
    let mut writer = BufWriter::new(std::fs::File::create(&file).expect("a file"));
    for turn in 0..conversations {
        let message = |place: usize| {
            let (hour, minute, second) = (place / 3_600, place / 60 % 60, place % 60);
            json!({"direction": "inbound", "author": format!("user_{turn}"), "external_id": format!("{turn}-{place}"),
                "at": format!("2018-05-02T{hour:02}:{minute:02}:{second:02}.000Z"), "text": text})
        };
        let messages: Vec<_> = (0..messages).map(message).collect();
        let line = json!({"conversation": format!("c{turn}"), "brand": "Shop", "network": "x", "messages": messages});
        writeln!(writer, "{line}").expect("written");
    }
    writer.flush().expect("written");
    drop(writer);
    run(lull(&["import", "--database", database, &file.display().to_string()]), "").succeeded();
    std::fs::remove_file(file).expect("removed");
}
