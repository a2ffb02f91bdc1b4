raise SystemExit("a stranger's hooks were read")
