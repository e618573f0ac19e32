//! The descriptions against the official schemas, with the developer's own tool.

#[test]
fn descriptions_say_what_the_schemas_say() -> Result<(), String> {
    let Some(folder) = crate::shared("egais/xsd") else { return Ok(()) };
    let schemas = crate::tool::load(&folder)?;
    assert_eq!(crate::tool::compare(&schemas)?, Vec::<String>::new());
    Ok(())
}

#[test]
fn the_comparison_sees_a_difference() -> Result<(), String> {
    let Some(folder) = crate::shared("egais/xsd") else { return Ok(()) };
    let changed = tempfile::tempdir().map_err(|error| error.to_string())?;
    for entry in std::fs::read_dir(&folder).map_err(|error| error.to_string())?.flatten() {
        if entry.path().is_file() {
            let text = std::fs::read_to_string(entry.path()).map_err(|error| error.to_string())?;
            let text = text.replace("maxLength value=\"500\"", "maxLength value=\"501\"");
            std::fs::write(changed.path().join(entry.file_name()), text)
                .map_err(|error| error.to_string())?;
        }
    }
    let differences = crate::tool::compare(&crate::tool::load(changed.path())?)?;
    assert!(differences.iter().any(|line| line.contains("501")), "{differences:?}");
    Ok(())
}

#[test]
fn drafts_have_a_place_for_every_document() -> Result<(), String> {
    let Some(folder) = crate::shared("egais/xsd") else { return Ok(()) };
    let drafts = crate::tool::draft(&crate::tool::load(&folder)?)?;
    let documents: usize = drafts
        .values()
        .map(|text| text.matches("\ndocument ").count() + text.matches("\nroot ").count())
        .sum();
    // QueryFilter and ReplyFilter have no schema that calls them documents.
    assert_eq!(documents, obmen::egais::model::DOCUMENTS.len() - 2);
    assert!(!drafts.values().any(|text| text.contains("UNKNOWN")), "an expression without a recogniser");
    Ok(())
}
