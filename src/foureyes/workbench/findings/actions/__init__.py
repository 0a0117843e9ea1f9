"""What people do with findings. Each action checks, writes, records and announces in one transaction."""
