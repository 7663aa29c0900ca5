"""The main job on files: its stages in order, each resumable."""
