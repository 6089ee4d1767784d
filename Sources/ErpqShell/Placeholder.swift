// ErpqShell
