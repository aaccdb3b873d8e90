"""Personal data in text: numbers of persons, cards and accounts by their check digits, telephone numbers, e-mail addresses."""
