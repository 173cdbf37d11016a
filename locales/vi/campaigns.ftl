# campaigns
