// ErpqEngine
