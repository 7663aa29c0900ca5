"""Scheduling: sign-ups for fairs accepted or refused, the calendar of fairs, booths, and counsellors' appointments."""
