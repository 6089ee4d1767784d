// ErpqDiagnostics
