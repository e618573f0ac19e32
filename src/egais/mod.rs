//! EGAIS: document descriptions, building, checking, parsing; UTM client; exchange operations.
