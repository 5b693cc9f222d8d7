// Before every file of tests: what the kernels of tests run is not added to the history of who tests.
process.env["VEELAB_HISTORY"] = "off";
