//! Keys as other tools write and read them.

use std::path::{Path, PathBuf};
use std::process::Command;

use hookr::trust::{KeyError, KeyId, PublicKey, SecretKey};

use crate::support::{check, component, key, trusting};

fn file(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap()
}

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/signatures/keys").join(name)
}

#[test]
fn keys_of_openssh_and_openssl_sign_and_verify() {
    for (secret, public, name) in [
        ("test-only-openssh", "test-only-openssh.pub", "test only"),
        ("test-only-openssh-encrypted", "test-only-openssh-encrypted.pub", "test only, encrypted"),
        ("test-only-openssl.pem", "test-only-openssl.pub.pem", ""),
    ] {
        let secret = SecretKey::parse(&file(secret), Some(b"test")).unwrap();
        let public: PublicKey = file(public).parse().unwrap();
        assert_eq!(secret.public_key(), public);
        assert_eq!(public.name(), name);
        let store = hookr::trust::TrustStore::new().key(public.clone());
        let approval = check(&store, &secret.sign(&component()).unwrap()).unwrap();
        assert_eq!(approval.signers()[0].key_id, public.key_id());
        assert_eq!(approval.signers()[0].name, name);
    }
}

#[test]
fn what_is_written_is_read_again() {
    let secret = key("somebody");
    for text in [secret.to_openssh(None).unwrap(), secret.to_openssh(Some(b"pass")).unwrap(), secret.to_pem().unwrap()]
    {
        let again = SecretKey::parse(&text, Some(b"pass")).unwrap();
        assert_eq!(again.public_key().as_bytes(), secret.public_key().as_bytes());
    }
    let public = secret.public_key();
    assert_eq!(public.to_openssh().unwrap().parse::<PublicKey>().unwrap(), public);
    assert_eq!(public.to_pem().unwrap().parse::<PublicKey>().unwrap().as_bytes(), public.as_bytes());
    // A name that has more than a line in it does not begin another.
    let two = public.named("one\nssh-ed25519 two").to_openssh().unwrap();
    assert_eq!(two.lines().count(), 1, "{two}");
}

#[test]
fn the_tools_of_others_read_what_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let secret = key("somebody");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        #[cfg(unix)]
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        path
    };
    let openssh = secret.public_key().to_openssh().unwrap();
    for (name, passphrase) in [("plain", None), ("encrypted", Some("pass"))] {
        let path = write(name, &secret.to_openssh(passphrase.map(str::as_bytes)).unwrap());
        let mut command = Command::new("ssh-keygen");
        command.args(["-y", "-P", passphrase.unwrap_or_default(), "-f"]).arg(path);
        if let Some(found) = output(command) {
            assert_eq!(found.split(' ').take(2).collect::<Vec<_>>(), openssh.split(' ').take(2).collect::<Vec<_>>());
        }
    }
    let path = write("key.pem", &secret.to_pem().unwrap());
    let mut command = Command::new("openssl");
    command.args(["pkey", "-pubout", "-in"]).arg(path);
    if let Some(found) = output(command) {
        assert_eq!(found, secret.public_key().to_pem().unwrap());
    }
}

/// What a tool prints; nothing, where there is no such tool.
fn output(mut command: Command) -> Option<String> {
    match command.output() {
        Ok(output) => {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            Some(String::from_utf8(output.stdout).unwrap())
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn what_is_no_key_has_its_own_error() {
    let secret = |text: &str, passphrase: Option<&[u8]>| SecretKey::parse(text, passphrase).unwrap_err();
    let public = |text: &str| text.parse::<PublicKey>().unwrap_err();
    assert_eq!(secret(&file("test-only-openssh-encrypted"), None), KeyError::NoPassphrase);
    assert_eq!(secret(&file("test-only-openssh-encrypted"), Some(b"wrong")), KeyError::WrongPassphrase);
    assert_eq!(secret(&file("test-only-openssl-encrypted.pem"), Some(b"test")), KeyError::EncryptedPem);
    assert_eq!(secret(&file("test-only-openssh.pub"), None), KeyError::Public);
    assert_eq!(secret(&file("test-only-openssl.pub.pem"), None), KeyError::Public);
    assert!(matches!(secret("", None), KeyError::Unreadable(_)));
    assert_eq!(public(&file("test-only-openssh")), KeyError::Private);
    assert_eq!(public(&file("test-only-openssl.pem")), KeyError::Private);
    assert_eq!(public(&file("test-only-rsa.pub")), KeyError::OtherType("ssh-rsa".to_owned()));
    assert_eq!(public("-----BEGIN CERTIFICATE-----\n"), KeyError::OtherType("CERTIFICATE".to_owned()));
    for text in ["", "hello", "ssh-ed25519", "ssh-ed25519 AAAA", "ssh-ed25519 !", "-----BEGIN PUBLIC KEY-----"] {
        assert!(matches!(public(text), KeyError::Unreadable(_)), "{text}");
    }
    // Every cut of a key that is fine.
    for name in ["test-only-openssh", "test-only-openssl.pem"] {
        let text = file(name);
        for end in 0..text.trim_end().len() {
            assert!(SecretKey::parse(&text[..end], None).is_err(), "{name} {end}");
        }
    }
}

#[test]
fn keys_with_which_anybody_can_sign_are_none() {
    // The neutral element, points of small order, one of them in two forms, and what is no point at all.
    let hex = [
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "0200000000000000000000000000000000000000000000000000000000000000",
    ];
    for hex in hex {
        let bytes: hookr::Digest = hex.parse().unwrap();
        assert_eq!(PublicKey::from_bytes(bytes.as_bytes()), Err(KeyError::Weak), "{hex}");
    }
    // The other form of a point that is fine but for that: its y is larger than the prime.
    for y in 0xee..=0xff_u8 {
        let mut bytes = [0xff; 32];
        (bytes[0], bytes[31]) = (y, 0x7f);
        assert_eq!(PublicKey::from_bytes(&bytes), Err(KeyError::Weak), "{y}");
    }
}

#[test]
fn key_ids_are_those_of_wasmsign2_and_readable() {
    let public = key("x").public_key();
    let theirs = wasmsign2::PublicKey::from_bytes(&[&[1], &public.as_bytes()[..]].concat()).unwrap();
    let theirs = theirs.attach_default_key_id().key_id().unwrap().clone();
    assert_eq!(public.key_id().as_bytes()[..], theirs);
    let id = public.key_id();
    assert_eq!(id.to_string().parse::<KeyId>(), Ok(id));
    assert_eq!(id.to_string().to_uppercase().parse::<KeyId>(), Ok(id));
    for text in ["", "0", "00", &"0".repeat(23), &"0".repeat(25), &"0".repeat(26), "g00000000000000000000000", "é"] {
        assert!(text.parse::<KeyId>().is_err(), "{text}");
    }
}

#[test]
fn nothing_that_is_printed_of_a_key_is_secret() {
    let secret = key("x");
    let shown = format!("{secret:?}{secret:#?}{:?}", Some(&secret));
    let pem = secret.to_pem().unwrap();
    assert!(shown.contains(&secret.public_key().key_id().to_string()));
    for part in pem.lines().filter(|line| !line.starts_with('-')) {
        assert!(!shown.contains(part));
    }
    // No bytes of it in decimal or hexadecimal digits either: there is the ID and nothing else that is long.
    let rest = shown.replace(&secret.public_key().key_id().to_string(), "");
    assert!(!rest.contains(|c: char| c.is_ascii_digit()), "{rest}");
    assert!(trusting(&[&secret]).keys().count() == 1);
}
