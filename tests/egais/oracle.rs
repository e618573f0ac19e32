//! The judge we did not write: xmllint with the official schemas, and lxml where xmllint gives no verdict.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A folder of schemas, made ready.
pub struct Oracle {
    work: tempfile::TempDir,
    schemas: PathBuf,
}

/// The verdict on one document; `None` if neither program could tell.
pub type Verdict = Option<bool>;

impl Oracle {
    /// Makes the schemas ready. `None`, and a word about it, if there are no schemas or no xmllint.
    pub fn find() -> Option<Self> {
        let schemas = crate::shared("egais/xsd")?;
        if Command::new("xmllint").arg("--version").stderr(Stdio::null()).status().is_err() {
            crate::common::skip("xmllint is not installed (package libxml2-utils)");
            return None;
        }
        let oracle = Self { work: tempfile::tempdir().expect("a temporary folder"), schemas };
        oracle.write_schemas();
        Some(oracle)
    }

    fn write_schemas(&self) {
        // xmllint 2.9 refuses the schema of UTM's answers for an escape that XSD does not know.
        let answers = std::fs::read_to_string(self.extra("A")).expect("the schema of A").replace("\\/", "/");
        std::fs::write(self.work.path().join("A.xsd"), answers).expect("a writable folder");
        let imports = ["QueryFilter", "ReplyFilter"].map(|name| {
            let location = self.extra(name);
            format!(
                "<xs:import namespace=\"http://fsrar.ru/WEGAIS/{name}\" schemaLocation=\"{}\"/>",
                location.display()
            )
        });
        let envelope = format!(
            r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://fsrar.ru/WEGAIS/WB_DOC_SINGLE_01"
                xmlns:c="http://fsrar.ru/WEGAIS/Common" xmlns:q="http://fsrar.ru/WEGAIS/QueryFilter" xmlns:r="http://fsrar.ru/WEGAIS/ReplyFilter"
                elementFormDefault="qualified"><xs:import namespace="http://fsrar.ru/WEGAIS/Common" schemaLocation="{}"/>{}
              <xs:element name="Documents"><xs:complexType><xs:sequence>
                <xs:element name="Owner"><xs:complexType><xs:all><xs:element name="FSRAR_ID" type="c:FSRARIDType"/></xs:all></xs:complexType></xs:element>
                <xs:element name="Document"><xs:complexType><xs:choice>
                  <xs:element name="QueryFilter" type="q:QueryFilter" minOccurs="0"/><xs:element name="ReplyFilter" type="r:ReplyFilter"/>
                </xs:choice></xs:complexType></xs:element>
              </xs:sequence><xs:attribute name="Version" type="c:NoEmptyString" default="1.0"/></xs:complexType></xs:element></xs:schema>"#,
            self.schemas.join("EGCommon.xsd").display(),
            imports.concat()
        );
        std::fs::write(self.work.path().join("Filter.xsd"), envelope).expect("a writable folder");
    }

    fn extra(&self, name: &str) -> PathBuf {
        self.schemas.canonicalize().expect("the schemas").join("utm-3.0.8-extra").join(format!("{name}.xsd"))
    }

    fn schema_of(&self, document: &str) -> PathBuf {
        match document {
            "A" => self.work.path().join("A.xsd"),
            "Cheque" => self.extra("Cheque"),
            "QueryFilter" | "ReplyFilter" => self.work.path().join("Filter.xsd"),
            _ => self.schemas.join("WB_DOC_SINGLE_01.xsd"),
        }
    }

    /// Verdicts on documents of one type, in their order.
    pub fn judge(&self, document: &str, texts: &[String]) -> Vec<Verdict> {
        let folder = tempfile::tempdir_in(self.work.path()).expect("a temporary folder");
        let schema = self.schema_of(document);
        let mut verdicts = Vec::with_capacity(texts.len());
        // A command line holds a few thousand names; one process reads them all.
        for (part, texts) in texts.chunks(1000).enumerate() {
            let files: Vec<PathBuf> =
                (0..texts.len()).map(|number| folder.path().join(format!("{part}-{number}.xml"))).collect();
            for (file, text) in files.iter().zip(texts) {
                std::fs::write(file, text).expect("a writable folder");
            }
            let found = xmllint(&schema, &files);
            for file in &files {
                let verdict = match found.get(file.to_string_lossy().as_ref()) {
                    Some(verdict) => *verdict,
                    None => lxml(&schema, file),
                };
                verdicts.push(verdict);
            }
        }
        verdicts
    }
}

/// Verdicts by file name; a file that gave an internal error is not in the map.
fn xmllint(schema: &Path, files: &[PathBuf]) -> HashMap<String, Verdict> {
    let output = Command::new("xmllint")
        .args(["--noout", "--schema"])
        .arg(schema)
        .args(files)
        .stdin(Stdio::null())
        .output()
        .expect("xmllint runs");
    let mut verdicts = HashMap::new();
    for line in String::from_utf8_lossy(&output.stderr).lines() {
        if let Some(file) = line.strip_suffix(" validates") {
            verdicts.insert(file.to_owned(), Some(true));
        } else if let Some(file) = line.strip_suffix(" fails to validate") {
            verdicts.insert(file.to_owned(), Some(false));
        } else if let Some((file, _)) = line.split_once(": parser error") {
            let file = file.rsplit_once(':').map_or(file, |(file, _)| file);
            verdicts.insert(file.to_owned(), Some(false));
        }
    }
    assert!(
        !verdicts.is_empty(),
        "xmllint gave no verdict at all: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    verdicts
}

/// lxml brings a newer libxml2, which knows some values that xmllint 2.9 fails on.
fn lxml(schema: &Path, file: &Path) -> Verdict {
    const PROGRAM: &str = "import sys\nfrom lxml import etree\n\
        sys.exit(0 if etree.XMLSchema(etree.parse(sys.argv[1])).validate(etree.parse(sys.argv[2])) else 3)";
    let python = crate::common::python_with("tests/egais/requirements.txt")?;
    let status =
        Command::new(python).args(["-c", PROGRAM]).args([schema, file]).stderr(Stdio::null()).status();
    match status.ok()?.code()? {
        0 => Some(true),
        3 => Some(false),
        _ => None,
    }
}
