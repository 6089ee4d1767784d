// ErpqWarehouse
