//! One role of a bench, on iceoryx2: `iceoryx2-roles publisher | subscriber`.
//!
//! Commands come as lines of JSON on stdin, answers leave as lines of JSON on stdout. The end of stdin ends the
//! process.

mod clock;
mod measure;
mod publisher;
mod service;
mod subscriber;

use std::error::Error;
use std::fs::{read_dir, remove_file};
use std::io::{BufRead, Write, stdin, stdout};

use serde_json::{Value, json};

type Answer = Result<Value, Box<dyn Error>>;

/// What a role does on command.
trait Role {
    fn obey(&mut self, command: &str, args: &Value) -> Answer;
}

fn main() {
    let mut role: Box<dyn Role> = match std::env::args().nth(1).as_deref() {
        Some("publisher") => Box::new(publisher::PublisherRole::default()),
        Some("subscriber") => Box::new(subscriber::SubscriberRole::default()),
        other => panic!("There is no role {other:?}."),
    };
    let mut prefix = None;
    for line in stdin().lock().lines().map_while(Result::ok) {
        let args: Value = serde_json::from_str(&line).expect("commands are JSON");
        prefix = args["prefix"].as_str().map(String::from).or(prefix);
        let answer = match role.obey(args["command"].as_str().unwrap_or(""), &args) {
            Ok(result) => json!({ "id": args["id"], "result": result }),
            Err(error) => json!({ "id": args["id"], "error": error.to_string() }),
        };
        // A parent that is gone has closed stdin too.
        let _ = writeln!(stdout(), "{answer}");
    }
    drop(role);
    if let Some(prefix) = prefix {
        remove_shared_memory(&prefix);
    }
}

/// The library keeps a file or two for whoever comes next.
fn remove_shared_memory(prefix: &str) {
    for file in read_dir("/dev/shm").into_iter().flatten().flatten() {
        if file.file_name().to_string_lossy().starts_with(prefix) {
            // The other role may be faster.
            let _ = remove_file(file.path());
        }
    }
}

fn unknown(command: &str) -> Answer {
    Err(format!("this role has no command {command:?}").into())
}
