pub fn fold(s: &str) -> String {
    s.to_lowercase()
}
pub fn sort_key(s: &str) -> Vec<u8> {
    s.as_bytes().to_vec()
}
pub fn date_time(d: jiff::civil::DateTime) -> String {
    d.to_string()
}
