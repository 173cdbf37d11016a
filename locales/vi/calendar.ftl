# Lịch: giờ được phép, ngày nghỉ, lặp lại, xem theo tháng tuần ngày.
holiday-new-year = Tết Dương lịch
holiday-tet = Tết Nguyên đán
holiday-hung-kings = Giỗ Tổ Hùng Vương
holiday-victory = Ngày Chiến thắng 30/4
holiday-labour = Quốc tế lao động 1/5
holiday-national = Quốc khánh 2/9
