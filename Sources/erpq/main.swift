print("erpq")
