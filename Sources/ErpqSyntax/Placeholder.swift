// ErpqSyntax
