//! A story: statements on one object, through the C host, told once in Russian and once in English, each with what
//! it must give.

use super::host::{self, quoted};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::PathBuf;
use tempfile::TempDir;

type Check = Box<dyn Fn(&Value)>;

struct Step {
    names: [String; 2],
    /// What follows the name: ` = value`, `(value, …)`, or nothing.
    rest: [String; 2],
    check: Option<Check>,
    /// The code of the error that must come, and a part of its text in both languages.
    fails: Option<(String, [String; 2])>,
}

/// Statements on an object of one class.
pub struct Story {
    class: &'static str,
    options: Vec<&'static str>,
    steps: Vec<Step>,
    files: TempDir,
}

/// A text with the words of one language: of each `‹русское|english›` the one that is asked for.
fn told(text: &str, language: usize) -> String {
    let mut told = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('‹') {
        let (both, after) = after.split_once('›').expect("the words end");
        told.push_str(before);
        told.push_str(both.split('|').nth(language).expect("two words"));
        rest = after;
    }
    told + rest
}

impl Story {
    pub fn new(class: &'static str) -> Self {
        Self { class, options: Vec::new(), steps: Vec::new(), files: TempDir::new().expect("a folder") }
    }

    /// Options of the driver, such as `--client`.
    pub fn with(mut self, option: &'static str) -> Self {
        self.options.push(option);
        self
    }

    /// A path in the folder of the story.
    pub fn path(&self, name: &str) -> PathBuf {
        self.files.path().join(name)
    }

    /// The text of a file as a value, for texts of several lines.
    pub fn file(&self, name: &str, content: &str) -> String {
        std::fs::write(self.path(name), content).expect("a file");
        format!("@{}", self.path(name).display())
    }

    /// `ДвоичныеДанные` as a value.
    pub fn binary(&self, name: &str, content: &[u8]) -> String {
        std::fs::write(self.path(name), content).expect("a file");
        format!("@@{}", self.path(name).display())
    }

    fn step(&mut self, ru: &str, en: &str, rest: &str) -> &mut Self {
        let rest = [told(rest, 0), told(rest, 1)];
        self.steps.push(Step { names: [ru.into(), en.into()], rest, check: None, fails: None });
        self
    }

    /// Reads a property.
    pub fn get(&mut self, ru: &str, en: &str) -> &mut Self {
        self.step(ru, en, "")
    }

    /// Writes a property; `value` is one of the driver's script.
    pub fn set(&mut self, ru: &str, en: &str, value: &str) -> &mut Self {
        self.step(ru, en, &format!(" = {value}"))
    }

    /// Calls a method; the arguments are values of the driver's script.
    pub fn call(&mut self, ru: &str, en: &str, arguments: &[&str]) -> &mut Self {
        self.step(ru, en, &format!("({})", arguments.join(", ")))
    }

    /// What the last statement must give satisfies `check`.
    pub fn where_value(&mut self, check: impl Fn(&Value) + 'static) -> &mut Self {
        self.steps.last_mut().expect("a statement").check = Some(Box::new(check));
        self
    }

    /// The last statement must give this.
    pub fn gives(&mut self, expected: impl Into<Value>) -> &mut Self {
        let expected = expected.into();
        self.where_value(move |value| assert_eq!(*value, expected))
    }

    /// The last statement must give a text with this JSON.
    pub fn gives_json(&mut self, expected: Value) -> &mut Self {
        self.where_json(move |value| assert_eq!(*value, expected))
    }

    /// The JSON that the last statement gives satisfies `check`.
    pub fn where_json(&mut self, check: impl Fn(&Value) + 'static) -> &mut Self {
        self.where_value(move |value| {
            let text = value.as_str().unwrap_or_else(|| panic!("{value} is no text"));
            check(&serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}")));
        })
    }

    /// The last statement must fail with this code; `said` is a part of the message, `‹русское|english›`.
    pub fn fails(&mut self, code: &str, said: &str) -> &mut Self {
        let said = [told(said, 0), told(said, 1)];
        self.steps.last_mut().expect("a statement").fails = Some((code.to_owned(), said));
        self
    }

    /// The Russian and the English names that the story uses.
    pub fn names(&self) -> impl Iterator<Item = &[String; 2]> {
        self.steps.iter().map(|step| &step.names)
    }

    /// Tells the story in both languages.
    pub fn tell(&self) {
        for language in 0..2 {
            let mut script = ["ЯзыкСообщений = \"ru\"\n", "MessageLanguage = \"en\"\n"][language].to_owned();
            for step in &self.steps {
                script += &format!("{}{}\n", step.names[language], step.rest[language]);
                if step.fails.is_some() {
                    script += ["ПоследняяОшибка\n", "LastError\n"][language];
                }
            }
            let options = [&["--class", self.class], self.options.as_slice()].concat();
            let Some(run) = host::script(&options, &script) else { return };
            let mut answers = run.statements.iter().skip(1);
            for step in &self.steps {
                let what = format!("{}{}", step.names[language], step.rest[language]);
                let answer = answers.next().unwrap_or_else(|| panic!("{what}: {run:#?}"));
                println!("{what}: {answer}");
                assert_eq!(answer["ok"], step.fails.is_none(), "{what}: {answer}");
                if let Some((code, said)) = &step.fails {
                    let error = answers.next().and_then(|error| error["value"].as_str()).expect("an error");
                    let error: Value = serde_json::from_str(error).expect("JSON");
                    assert_eq!(error["code"], code.as_str(), "{what}: {error}");
                    let message = error["message"].as_str().expect("a message");
                    assert!(message.contains(&said[language]), "{what}: {message}");
                }
                if let Some(check) = &step.check {
                    check(&answer["value"]);
                }
            }
        }
    }
}

/// A text as a value of the script; of `‹русское|english›` the language of the story is taken.
pub fn text(text: &str) -> String {
    quoted(text)
}

/// Checks that the stories use every member that `class` has, those of all classes aside, and no other.
pub fn assert_every_member_is_used(class: &str, stories: &[Story]) {
    let used: [BTreeSet<&str>; 2] = std::array::from_fn(|language| {
        stories.iter().flat_map(Story::names).map(|names| names[language].as_str()).collect()
    });
    for language in 0..2 {
        let help = ["Справка()\n", "MessageLanguage = \"en\"\nHelp()\n"][language];
        let members = |class: &str| -> Option<BTreeSet<String>> {
            let run = host::script(&["--class", class], help)?;
            let text = run.statements.last()?["value"].as_str()?.to_owned();
            let lines = text.lines().filter_map(|line| line.strip_prefix("  "));
            Some(lines.map(|line| line.split([' ', '(']).next().unwrap_or_default().to_owned()).collect())
        };
        let Some(all) = members(class) else { return };
        assert!(all.len() > 20, "{all:?}");
        // What every class has is not theirs to show.
        let others: Vec<_> =
            ["ObmenSite", "ObmenHttp", "ObmenJson"].into_iter().filter_map(members).collect();
        let common = |name: &str| others.iter().all(|other| other.contains(name));
        let own: BTreeSet<&str> = all.iter().map(String::as_str).filter(|name| !common(name)).collect();
        let missing: Vec<_> = own.difference(&used[language]).collect();
        assert!(missing.is_empty(), "no story uses {missing:?}");
    }
}
