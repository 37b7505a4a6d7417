"""The compiled engine's parts: functions on arrays alone, no files, no names, no statistics."""
