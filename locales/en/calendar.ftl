# The calendar: allowed hours, closed days, repetition, views.
holiday-new-year = New Year's Day
holiday-tet = Tết (Lunar New Year)
holiday-hung-kings = Hùng Kings' day
holiday-victory = Victory Day, 30/4
holiday-labour = Labour Day, 1/5
holiday-national = National Day, 2/9
