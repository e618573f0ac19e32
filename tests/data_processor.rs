//! The sample data processor: its form, its module and its description name the same things.

mod common;

use common::root;
use std::collections::HashSet;

fn file(path: &str) -> String {
    let folder = root().join("1c-samples/ОбменДанными");
    std::fs::read_to_string(folder.join(path)).expect("a file of the data processor")
}

/// Texts between `before` and `after`.
fn between<'a>(text: &'a str, before: &str, after: &str) -> Vec<&'a str> {
    let parts = text.split(before).skip(1);
    parts.map(|part| part.split(after).next().unwrap_or_default()).collect()
}

#[test]
fn every_handler_of_the_form_is_in_its_module() {
    let form = file("ОбменДанными/Forms/Форма/Ext/Form.xml");
    let module = file("ОбменДанными/Forms/Форма/Ext/Form/Module.bsl");
    let mut handlers = between(&form, "<Action>", "</Action>");
    handlers.extend(
        between(&form, "<Event name=", "</Event>").iter().filter_map(|event| event.split('>').nth(1)),
    );
    assert!(handlers.len() >= 8, "{handlers:?}");
    for handler in handlers {
        assert!(module.contains(&format!("Процедура {handler}(")), "{handler}");
    }
}

#[test]
fn every_element_of_the_form_has_its_attribute_command_and_number() {
    let form = file("ОбменДанными/Forms/Форма/Ext/Form.xml");
    for path in between(&form, "<DataPath>", "</DataPath>") {
        let (attribute, column) =
            path.split_once('.').map_or((path, None), |(name, column)| (name, Some(column)));
        assert!(form.contains(&format!("<Attribute name=\"{attribute}\"")), "{path}");
        assert!(column.is_none_or(|name| form.contains(&format!("<Column name=\"{name}\""))), "{path}");
    }
    for command in between(&form, "<CommandName>Form.Command.", "</CommandName>") {
        assert!(form.contains(&format!("<Command name=\"{command}\"")), "{command}");
    }
    let items = between(&form, "<ChildItems>", "</Attributes>").join("");
    let items = items.split("<Attributes>").next().unwrap_or_default();
    let numbers = between(items, " id=\"", "\"");
    let different: HashSet<_> = numbers.iter().collect();
    assert!(numbers.len() > 50 && numbers.len() == different.len(), "{numbers:?}");
}

#[test]
fn the_description_names_the_form() {
    let description = file("ОбменДанными.xml");
    let form = file("ОбменДанными/Forms/Форма.xml");
    let name = between(&form, "<Name>", "</Name>")[0];
    assert!(description.contains(&format!("<Form>{name}</Form>")));
    assert!(description.contains(&format!("ExternalDataProcessor.ОбменДанными.Form.{name}<")));
}
