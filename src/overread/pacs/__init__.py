"""Pictures from a hospital's archive: asked for by DICOMweb or DIMSE, or pushed by it.

Everything ends as files in a folder, which the intake then takes in like any other.
"""
