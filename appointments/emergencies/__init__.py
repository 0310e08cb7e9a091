"""An urgent appointment for somebody with a proven emergency: asked, proved, decided by a person against a clock."""
