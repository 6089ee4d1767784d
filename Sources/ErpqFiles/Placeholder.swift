// ErpqFiles
