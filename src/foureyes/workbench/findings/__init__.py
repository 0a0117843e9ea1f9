"""Regions, clues, notes, tasks, a second pair of eyes, assessments. The engine learns none of it."""
