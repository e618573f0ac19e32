//! Certificates of every kind a client may meet.

use rcgen::{
    BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};
use std::path::Path;

fn authority(name: &str) -> (CertificateParams, KeyPair) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    (params, KeyPair::generate().unwrap())
}

fn leaf(names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params
}

/// Writes `ca.pem`, `NAME.pem` with `NAME.key` for each server, and `client.pem`, `client.key`, `client_all.pem`.
pub fn write_all(folder: &Path) {
    let write = |name: &str, text: String| std::fs::write(folder.join(name), text).unwrap();
    let (ca_params, ca_key) = authority("Obmen test CA");
    let ca = ca_params.self_signed(&ca_key).unwrap();
    write("ca.pem", ca.pem());
    let ca = Issuer::new(ca_params, ca_key);
    let (foreign_params, foreign_key) = authority("Somebody else's CA");
    let foreign = Issuer::new(foreign_params, foreign_key);

    let good = leaf(&["localhost", "127.0.0.1"]);
    let mut expired = good.clone();
    expired.not_before = date_time_ymd(2020, 1, 1);
    expired.not_after = date_time_ymd(2021, 2, 3);
    for (name, params, issuer) in [
        ("trusted", &good, &ca),
        ("expired", &expired, &ca),
        ("wrong_host", &leaf(&["shop.example"]), &ca),
        ("foreign", &good, &foreign),
    ] {
        let key = KeyPair::generate().unwrap();
        write(&format!("{name}.pem"), params.signed_by(&key, issuer).unwrap().pem());
        write(&format!("{name}.key"), key.serialize_pem());
    }
    let key = KeyPair::generate().unwrap();
    write("self_signed.pem", good.self_signed(&key).unwrap().pem());
    write("self_signed.key", key.serialize_pem());

    let mut client = CertificateParams::new(Vec::new()).unwrap();
    client.distinguished_name.push(rcgen::DnType::CommonName, "shop-42");
    client.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let key = KeyPair::generate().unwrap();
    let certificate = client.signed_by(&key, &ca).unwrap().pem();
    write("client.pem", certificate.clone());
    write("client.key", key.serialize_pem());
    write("client_all.pem", format!("{certificate}{}", key.serialize_pem()));
}
