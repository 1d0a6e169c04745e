#include "tests/lib/suite.h"

#include <CUnit/Basic.h>

int suite_run(const char *name, const struct suite_case *cases)
{
	if (CU_initialize_registry() != CUE_SUCCESS)
		return 2;
	CU_pSuite suite = CU_add_suite(name, NULL, NULL);

	for (; suite != NULL && cases->name != NULL; cases++)
		if (CU_add_test(suite, cases->name, cases->run) == NULL)
			suite = NULL;
	if (suite == NULL)
		return 2;
	CU_basic_set_mode(CU_BRM_VERBOSE);
	CU_basic_run_tests();
	unsigned failed = CU_get_number_of_tests_failed();

	CU_cleanup_registry();
	return failed != 0;
}
