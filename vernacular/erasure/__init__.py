"""What is known of a person, or stands in a document, made to vanish: from SQL, vectors, files, logs, exports and the audit log."""
