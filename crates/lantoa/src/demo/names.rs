//! Common family, middle and given names, put together at random: nobody in the demo is real.

pub const FAMILY: [&str; 12] =
    ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Bùi", "Đỗ", "Đặng", "Ngô", "Dương", "Phan"];
pub const MIDDLE_OF_WOMEN: [&str; 6] = ["Thị", "Thu", "Ngọc", "Thanh", "Minh", "Hồng"];
pub const MIDDLE_OF_MEN: [&str; 6] = ["Văn", "Đức", "Quang", "Hữu", "Xuân", "Công"];
pub const OF_WOMEN: [&str; 14] = [
    "Lan", "Huệ", "Mai", "Hương", "Thảo", "Hà", "Nga", "Oanh", "Yến", "Tuyết", "Nhung", "Thủy",
    "Loan", "Hạnh",
];
pub const OF_MEN: [&str; 14] = [
    "Hùng", "Dũng", "Sơn", "Tuấn", "Thành", "Hải", "Nam", "Long", "Cường", "Khánh", "Toàn", "Bình",
    "Lâm", "Việt",
];
