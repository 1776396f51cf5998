package io.neurflow.core.samediff;

/** What a variable stands for during import. */
sealed interface Term permits KnownTerm, SeenTerm {}
