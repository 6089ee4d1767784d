// ErpqTooling
