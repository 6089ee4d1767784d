// ErpqSemantics
