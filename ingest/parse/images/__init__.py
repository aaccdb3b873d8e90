"""Images inside documents: where they stand and their bytes, taken out but not decoded."""
