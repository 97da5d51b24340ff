"""What a photo shows and says: format, EXIF, and copies to look at. Pure: no Flask, no database."""
