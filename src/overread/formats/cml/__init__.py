"""CML, the reference platform's language of forms: HTML and Liquid with questions in between.

`read.read_cml` takes it in, `write.write_cml` gives it out, `liquid` runs its templates in a
sandbox and `html` cleans what comes of them. docs/reference/cml.md lists what is known.
"""
