//! One exchange: statements for an `ObmenSite` that the C host runs.

use crate::common::host::{self, Run, quoted};
use crate::common::site::TOKEN;
use serde_json::Value;
use std::path::PathBuf;
use tempfile::TempDir;

pub const SYNC: &str = "СинхронизироватьТоварыССайтом";

/// A script under construction. Its files and its journal live as long as it does.
pub struct Exchange {
    options: Vec<&'static str>,
    statements: String,
    folder: TempDir,
    files: usize,
}

impl Exchange {
    /// An object with the right token and no pauses.
    pub fn with(url: &str) -> Self {
        let folder = TempDir::new().expect("a folder");
        let mut exchange = Self { options: Vec::new(), statements: String::new(), folder, files: 0 };
        let log = exchange.log_folder().display().to_string();
        exchange
            .set("АдресСайта", &quoted(url))
            .set("ТокенАвторизации", &quoted(TOKEN))
            .set("КаталогЖурнала", &quoted(&log))
            .set("ПаузаМеждуПакетами", "0")
            .set("ПаузаМеждуПопытками", "0");
        exchange
    }

    pub fn option(&mut self, option: &'static str) -> &mut Self {
        self.options.push(option);
        self
    }

    pub fn set(&mut self, property: &str, value: &str) -> &mut Self {
        self.line(&format!("{property} = {value}"))
    }

    pub fn line(&mut self, statement: &str) -> &mut Self {
        self.statements += statement;
        self.statements.push('\n');
        self
    }

    /// Calls a method with one long text.
    pub fn call(&mut self, method: &str, text: &str) -> &mut Self {
        let file = self.file(&format!("argument-{}", self.files), text);
        self.files += 1;
        self.line(&format!("{method}(@{})", file.display()))
    }

    /// Puts a file beside the script.
    pub fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).expect("a file");
        path
    }

    pub fn log_folder(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// Everything that the journal says.
    pub fn log(&self) -> String {
        let files = std::fs::read_dir(self.log_folder()).expect("a journal");
        files.map(|file| std::fs::read_to_string(file.expect("a file").path()).expect("a log")).collect()
    }

    /// Runs everything. `None`, after `skip`, without a C compiler.
    pub fn run(&self) -> Option<Run> {
        host::script(&self.options, &self.statements)
    }

    /// Sends `products` (text in any form) and gives the report.
    pub fn sync(&mut self, products: &str) -> Option<Value> {
        self.call(SYNC, products).run().map(|run| run.json(SYNC))
    }
}
