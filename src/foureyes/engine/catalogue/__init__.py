"""What is known of every media, for millions of them. It must not know how any of it was found out."""
