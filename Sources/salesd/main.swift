import Launch
import Reviews
import Sales

// Sales wait for the disk together: the more of them wait, the more one COMMIT answers.
serve("salesd", Sales.routes(with: [Reviews.returnObserver]), extraWorkers: 56)
