"""Whether two pictures show one surface, by local features. It must not know where those come from."""

from foureyes.engine.matching.geometry.nearest import alike
from foureyes.engine.matching.geometry.views import Boxes, View, mirrored_back, view_of, without

__all__ = ["Boxes", "View", "alike", "mirrored_back", "view_of", "without"]
