//! Passwords, kept as Argon2id hashes (RFC 9106) with the OWASP minimum of 19 MiB, 2 passes.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};

/// The shortest password accepted (NIST SP 800-63B-4 asks for 8 at least).
pub const SHORTEST: usize = 8;

fn argon() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).expect("because these parameters are valid");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// The hash of a password, about 20 ms of work: call it off the async threads.
pub fn hash(password: &str) -> String {
    argon()
        .hash_password(password.as_bytes())
        .expect("because hashing with a fresh salt cannot fail")
        .to_string()
}

/// Whether the password is the one behind the hash.
pub fn verify(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| argon().verify_password(password.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_password_itself_opens() {
        let stored = hash("mật khẩu của tôi");
        assert!(stored.starts_with("$argon2id$"));
        assert!(verify("mật khẩu của tôi", &stored));
        assert!(!verify("mật khẩu của bạn", &stored));
        assert!(!verify("x", "not a hash"));
    }
}
